"""The whole system on one machine: emulator, OpenSearch, browser layer and sample shop, all bound to 127.0.0.1."""

"""Shop pages → products: plan a run, read each shop's listings politely and safely, keep what was read until it is complete."""

"""Shop pages → products: plan a run, read each shop politely and safely, keep what was read until all of it is."""

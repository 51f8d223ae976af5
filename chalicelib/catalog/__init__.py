"""3  One DynamoDB table per postcode: the tables and their mappings, writing what changed, retiring the unasked."""

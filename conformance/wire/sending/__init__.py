"""From a request to the answer of the application: keys, gateways, and addresses that are not served."""

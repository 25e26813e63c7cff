"""The Lambda handler: routes and sinks in, the exact answer to the event source mapping out."""

"""What came of tests of flows, in every form."""

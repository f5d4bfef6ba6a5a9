"""All branches of a flow gone through before a run, and what a preview, a plan and a diff show of them."""

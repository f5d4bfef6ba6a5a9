"""What people write: asked for where no webhook tells, waited for by a run, and heard when no run waits."""

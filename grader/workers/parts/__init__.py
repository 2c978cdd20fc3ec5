"""What the worker programs are made of. They run in the sandbox; nothing else imports these."""

"""What `stonechat doctor` looks at: one function a subject; each says a line or more, and changes nothing."""

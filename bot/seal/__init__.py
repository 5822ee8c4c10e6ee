"""age files, hybrid post-quantum keys, padding and signatures. It knows no other room, and not what is sealed."""

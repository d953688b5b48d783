"""The final classifier on the embeddings of the networks, an object: fitted, stored, asked."""

"""The final classifier on the embeddings of the networks."""

"""The final classifier on the embeddings of the networks: fitting, scores, storage."""

"""What only the config knows of a run: the settings of the verb describe."""

from __future__ import annotations

# The attributes of RunContext that come from the config, with their meaning.
SETTINGS = {
    "preset": "quick, converged or paper",
    "transductive": "whether the networks' features are scaled by speaker, the test set included",
    "hard_share": "target share of hard examples",
    "streams": "label, features and network of each",
    "feature_sets": "their labels",
    "seed": "of the bootstraps",
    "encoders": "features, label, model, revision and variants of each pretrained set",
    "enrolment": "its settings that differ from the defaults",
    "networks_enrolled": "whether enrolment scales the networks' features too",
    "training_copies": "conditions of the degraded copies in the training set",
    "emotion_labels": "emotions that are dropped or merged",
}

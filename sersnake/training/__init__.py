"""One phase on one fold: trainer, schedule, losses, augmentation, mining, checkpoints."""

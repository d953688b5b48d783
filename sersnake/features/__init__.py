"""Recording in, frames or a vector out: MFCCs and openSMILE functionals."""

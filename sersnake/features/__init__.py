"""Recording in, frames or a vector out: MFCCs, openSMILE functionals, pretrained encoders."""

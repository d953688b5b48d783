"""Program: speaks utterances with eSpeak NG in a process of its own.

eSpeak keeps the phase of its oscillators, its flutter and its random numbers from one utterance to
the next, and offers no way to reset them. In a fresh process the same list of utterances gives the
same samples, to the bit. Only the standard library is imported, so it starts in 25 ms.

    python espeak_worker.py LIBRARY < request.json > answer.json

It is started in the folder that holds ``espeak-ng-data``, since eSpeak cuts long paths. The request
is a list of objects with voice, text, rate, volume, pitch and range, the answer holds sample_rate
(Hz) and speech, a base64 string of int16 samples (in this machine's byte order) per utterance.
"""

from __future__ import annotations

import base64
import ctypes
import json
import sys
from typing import Any

DATA = b"espeak-ng-data"
SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: speech goes to the callback, and Synth returns after it
DONT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT
UTF8 = 1  # espeakCHARS_UTF8
PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4}  # espeak_PARAMETER

Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def start(library: ctypes.CDLL) -> int:
    """Initialises eSpeak with the data beside it; returns its sample rate in Hz."""
    sample_rate = int(library.espeak_Initialize(SYNCHRONOUS, 0, DATA, DONT_EXIT))
    used = ctypes.c_char_p()
    library.espeak_Info(ctypes.byref(used))
    if sample_rate <= 0 or used.value != DATA:
        # Without its data eSpeak would silently take another version's, from /usr/share.
        raise SystemExit(f"eSpeak NG cannot read its data (it uses {used.value!r})")
    return sample_rate


def speak(library: ctypes.CDLL, request: dict[str, Any]) -> bytes:
    """The int16 samples of one utterance."""
    parts: list[bytes] = []

    @Callback
    def collect(samples: Any, count: int, _events: Any) -> int:
        if samples:
            parts.append(ctypes.string_at(samples, 2 * count))
        return 0

    library.espeak_SetSynthCallback(collect)
    library.espeak_ng_SetRandSeed(ctypes.c_long(1))  # by default, eSpeak takes the time of day
    if library.espeak_SetVoiceByName(request["voice"].encode()) != 0:
        raise SystemExit(f"eSpeak NG has no voice {request['voice']!r}")
    for name, number in PARAMETERS.items():
        library.espeak_SetParameter(number, request[name], 0)
    text = request["text"].encode()
    size = ctypes.c_size_t(len(text) + 1)
    if library.espeak_Synth(text, size, 0, 0, 0, UTF8, None, None) != 0 or not parts:
        raise SystemExit(f"eSpeak NG cannot speak {request['text']!r}")
    return b"".join(parts)


def main() -> None:
    """Reads the request, writes the answer."""
    library = ctypes.CDLL(sys.argv[1])
    sample_rate = start(library)
    speech = [
        base64.b64encode(speak(library, request)).decode() for request in json.load(sys.stdin)
    ]
    json.dump({"sample_rate": sample_rate, "speech": speech}, sys.stdout)


if __name__ == "__main__":
    main()

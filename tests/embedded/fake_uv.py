"""A stand-in for uv: makes an environment with a fake label-studio in it, in a fraction of a second.

It appends a line to the file named by FAKE_UV_LOG for each call. Versions with a meaning of their own:
4.0.4 is not on the index; 4.0.3 dies at its first start; 4.0.1 does not know its own account.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DJANGO = {
    "db/backends/signals.py": """class Signal:
    def connect(self, receiver, weak=True): ...

connection_created = Signal()
""",
    "contrib/auth/hashers.py": "class PBKDF2PasswordHasher: ...",
}
"""As much of Django as the launcher of every server asks for."""
SERVER = Path(__file__).with_name("fake_label_studio.py")


def main(arguments: list[str]) -> int:
    with Path(os.environ["FAKE_UV_LOG"]).open("a", encoding="utf-8") as log:
        log.write(f"{arguments[0]}\n")
    if arguments[0] == "venv":
        base = arguments[arguments.index("--python") + 1]
        subprocess.run([base, "-m", "venv", "--without-pip", "--clear", arguments[-1]], check=True)
        return 0
    version = next(part.partition("==")[2] for part in arguments if part.startswith("label-studio=="))
    if version == "4.0.4":
        sys.stderr.write(f"No solution found: there is no version of label-studio=={version}\n")
        return 1
    python = Path(arguments[arguments.index("--python") + 1])
    (packages,) = python.parent.parent.glob("lib/python*/site-packages")
    package = packages / "label_studio"
    package.mkdir()
    (package / "__init__.py").write_text(f"VERSION = {version!r}\n", encoding="utf-8")
    (package / "server.py").write_bytes(SERVER.read_bytes())
    for name, text in DJANGO.items():
        module = packages / "django" / name
        module.parent.mkdir(parents=True)
        module.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

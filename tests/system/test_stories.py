"""Wire copies are known in each language, and what only looks like one is not (issue 5, acceptance; design.md section 5)."""

import json
import os
import subprocess
import sys

import pytest

import wire_copies
from daemon import BUILD


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("language", wire_copies.ALL)
def test_wire_copies(language, seed):
    rows = subprocess.run([sys.executable, wire_copies.__file__, "--seed", str(seed), "--stories", "120", language],
                          check=True, capture_output=True).stdout
    out = subprocess.run([os.path.join(BUILD, "tests/bench/wire_copies")], input=rows, check=True, capture_output=True).stdout
    result = json.loads(out)[language]
    assert result["items"] > 500 and result["wire"] > 200  # or nothing was asked of it
    assert result["scores"]["pairs"]["precision"] >= 0.99
    assert result["scores"]["pairs"]["recall"] >= 0.97

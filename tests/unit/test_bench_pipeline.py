"""The parts of the pipeline's benchmarks that can be wrong without anybody noticing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.pipeline_latency import DROPS_A_ROUND, ROUNDS, national, wishes
from benchmarks.pipeline_stack import MemoryWatch
from local.processes import wait_for
from local.shop.stock import read_stock

HOLDS_64_MIB = "import sys; held = bytearray(b'x') * (64 << 20); print(flush=True); sys.stdin.read()"


def hold(temporary: Path) -> subprocess.Popen[bytes]:
    """A process that holds 64 MiB until its input is closed."""
    command = [sys.executable, "-c", HOLDS_64_MIB]
    made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"TMPDIR": str(temporary)})
    assert made.stdout
    made.stdout.readline()
    return made


def end(process: subprocess.Popen[bytes]) -> None:
    process.communicate()


def test_the_memory_of_the_stacks_processes_is_summed_and_nobody_elses(tmp_path: Path) -> None:
    state = tmp_path / "bench"
    ours = [hold(state / "emulator.tmp"), hold(state / "shop.tmp")]
    foreign = hold(tmp_path / "bench-of-somebody-else" / "shop.tmp")
    try:
        with MemoryWatch(state) as memory:
            assert wait_for(lambda: memory.peak_mib >= 128, 10)
        assert memory.peak_mib < 128 + 64
    finally:
        for process in (*ours, foreign):
            end(process)


def test_each_watched_product_is_at_full_price_and_has_a_phone_of_its_own() -> None:
    stock, watched = read_stock(), wishes(ROUNDS * DROPS_A_ROUND)
    assert len(watched) == ROUNDS * DROPS_A_ROUND
    assert len({wish.phone_number for wish in watched.values()}) == len(watched)
    assert all(stock[sku].offers["london"].was_price is None for sku in watched)


def test_one_phone_is_recognised_however_it_is_written() -> None:
    assert national("+447700900501") == national("07700 900501") == "7700900501"

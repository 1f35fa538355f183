"""Translate a built SAM template to CloudFormation, as AWS::Serverless-2016-10-31 does on AWS.

Run by the Python of .tools/sam, where the translator lives:
``python translate.py BUILT_TEMPLATE PARAMETERS_JSON`` prints the CloudFormation template as JSON.
Local artifacts become ``s3://built/<absolute path>``, so that every CodeUri can be traced.
"""

import json
import os
import sys
from pathlib import Path

# Nobody should be asked for a region: translation needs one, but sends nothing there.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

ARTIFACTS = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}


class NoManagedPolicies:
    """Our templates name managed policies by ARN, never by bare name."""

    def load(self) -> dict[str, str]:
        """Know none."""
        return {}


def main(template_path: str, parameters: str) -> None:
    """Print the translation."""
    path = Path(template_path).resolve()
    template = yaml_parse(path.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        place = ARTIFACTS.get(resource["Type"])
        if place is not None:
            local = (path.parent / resource["Properties"][place]).resolve()
            resource["Properties"][place] = f"s3://built{local}"
    json.dump(transform(template, json.loads(parameters), NoManagedPolicies()), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A deployment proven on one machine: built, translated, deployed, run and judged.

``sam build`` makes the artifacts, SAM's own translator the CloudFormation template; ``deployment``
creates it on the sandbox; ``runtime`` runs the built functions under AWS's runtime interface
emulator with their roles; ``wiring`` fires schedules and moves messages by the sandbox's clock;
``iam`` checks what every role did against what the template grants. See docs/e2e.md.
"""

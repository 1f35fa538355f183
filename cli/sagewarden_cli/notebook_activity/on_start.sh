#!/bin/bash
# Lifecycle configuration (on start) of Sagewarden: every five minutes this notebook instance
# reports to CloudWatch whether anything is at work on it. It ends nothing, and can be removed.
# Its role needs cloudwatch:PutMetricData for the namespace Sagewarden/Notebooks.
#
# Nothing here may keep the instance from starting: whatever fails is logged only.
install_reporter() {
  set -e
  mkdir -p /opt/sagewarden
  cat > /opt/sagewarden/report_activity.py <<'REPORTER'
@REPORTER@
REPORTER
  cat > /etc/systemd/system/sagewarden-activity.service <<'UNIT'
[Unit]
Description=Sagewarden: report whether anything is at work
[Service]
Type=oneshot
Environment=PATH=/usr/local/bin:/usr/bin:/bin:/home/ec2-user/anaconda3/bin
ExecStart=/usr/bin/env python3 /opt/sagewarden/report_activity.py
UNIT
  cat > /etc/systemd/system/sagewarden-activity.timer <<'UNIT'
[Unit]
Description=Sagewarden: every five minutes
[Timer]
OnCalendar=*:0/5
AccuracySec=1s
[Install]
WantedBy=timers.target
UNIT
  systemctl daemon-reload
  systemctl enable --now sagewarden-activity.timer
}
( install_reporter ) || echo "sagewarden: the activity reporter was not installed" >&2
exit 0

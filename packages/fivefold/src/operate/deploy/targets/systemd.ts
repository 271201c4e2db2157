import { copiedFile, scriptFile, textFile } from '../deploy-file.ts'
import { type DeployPlan, heapMib, shortDigest } from '../deploy-plan.ts'
import type { DeployTarget } from '../deploy-target.ts'
import { command, runbook } from '../runbook/runbook.ts'
import { textBlock } from '../text-block.ts'
import { INSTALL_PACKAGES, packageFiles } from './image.ts'

/** A service of one Linux machine, without containers. */
export const systemdTarget: DeployTarget = (plan) => [
  ...packageFiles(plan),
  copiedFile('model', plan.model.path),
  textFile(`${plan.name}.service`, unit(plan)),
  textFile(`${plan.name}.env`, environment(plan)),
  scriptFile('install.sh', installScript(plan)),
  scriptFile('roll-back.sh', rollBackScript(plan)),
  runbook(plan, {
    summary: `A systemd service on one machine, on port ${plan.port}, with its prediction log under \`/var/lib/${plan.name}\`.`,
    baseUrl: `http://127.0.0.1:${plan.port}`,
    deploy: textBlock`
      Needs Linux with systemd 249 or newer, glibc, curl, and Node 20.19 or newer outside of home folders. In this folder, as root:

      ${command('sudo ./install.sh')}

      It installs a release of its own under \`/opt/${plan.name}/releases\`, switches to it, and goes back to the earlier one by itself
      where the service is not ready within 60 s. \`/etc/${plan.name}.env\` is kept where it is there.
    `,
    verify: textBlock`
      ${command(`systemctl status ${plan.name}`, `systemd-analyze security ${plan.name}.service`)}
    `,
    rollBack: command('sudo ./roll-back.sh   # to the release before'),
    logs: `journalctl --unit ${plan.name} --follow`,
    restart: `sudo systemctl restart ${plan.name}`,
    unpackModel: [`sudo cp --recursive /var/lib/private/${plan.name}/predictions recent   # then --current recent`],
  }),
]

function unit(plan: DeployPlan): string {
  const { name, model } = plan
  const current = `/opt/${name}/current`
  return textBlock`
    # /etc/systemd/system/${name}.service
    [Unit]
    Description=Model server ${name} (${model.title})
    After=network-online.target
    Wants=network-online.target
    # Five failed starts within a minute are no accident: systemd gives up, and monitoring sees it.
    StartLimitIntervalSec=60
    StartLimitBurst=5

    [Service]
    Type=exec
    EnvironmentFile=/etc/${name}.env
    WorkingDirectory=${current}
    ExecStart=${current}/node ${current}/app/node_modules/fivefold/dist/cli/main.js serve --model ${current}/model --host \${HOST} --port \${PORT} --log \${STATE_DIRECTORY}/predictions
    Restart=always
    RestartSec=1
    # SIGTERM: takes no new requests and answers those in flight; one takes at most 30 s.
    TimeoutStopSec=45
    KillMode=mixed

    # A user that exists while the service runs; its folder is /var/lib/${name}.
    DynamicUser=yes
    StateDirectory=${name}
    StateDirectoryMode=0700
    UMask=0077

    # Resources
    CPUQuota=${plan.cpuMillis / 10}%
    MemoryMax=${plan.memoryMib}M
    TasksMax=256

    # The service reads its release, writes its log, and listens. All else is shut.
    # (MemoryDenyWriteExecute is not possible: V8 compiles JavaScript to machine code.)
    ProtectSystem=strict
    ProtectHome=yes
    ProtectProc=invisible
    ProtectClock=yes
    ProtectHostname=yes
    ProtectKernelLogs=yes
    ProtectKernelModules=yes
    ProtectKernelTunables=yes
    ProtectControlGroups=yes
    PrivateTmp=yes
    PrivateDevices=yes
    PrivateUsers=yes
    DevicePolicy=closed
    NoNewPrivileges=yes
    CapabilityBoundingSet=
    AmbientCapabilities=
    LockPersonality=yes
    RemoveIPC=yes
    RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
    RestrictNamespaces=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    SystemCallArchitectures=native
    SystemCallFilter=@system-service
    SystemCallFilter=~@privileged
    SystemCallErrorNumber=EPERM

    [Install]
    WantedBy=multi-user.target
  `
}

function environment(plan: DeployPlan): string {
  return textBlock`
    # /etc/${plan.name}.env
    # This machine alone: put a proxy before it. On another address the server wants tokens (serve --tokens FILE).
    HOST=127.0.0.1
    PORT=${plan.port}
    NODE_ENV=production
    # The heap leaves room for ONNX Runtime, whose memory V8 does not see.
    NODE_OPTIONS=--max-old-space-size=${heapMib(plan)}
  `
}

function installScript(plan: DeployPlan): string {
  const { name, model } = plan
  return textBlock`
    #!/usr/bin/env bash
    # Installs ${name} as a service of this machine, or brings it up to date. Run as root in the folder of this script.
    set -euo pipefail
    cd "$(dirname "$(readlink -f "$0")")"

    name=${name}
    root=/opt/$name
    release=$root/releases/$(date -u +%Y%m%dT%H%M%SZ)-${shortDigest(model)}

    [ "$(id -u)" -eq 0 ] || { echo "run this as root" >&2; exit 1; }
    node=$(readlink -f "$(command -v node)") || { echo "node is not installed" >&2; exit 1; }
    "$node" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \\
      || { echo "Node 20.19 or newer is needed, $node is $("$node" --version)" >&2; exit 1; }
    case $node in
      /home/*|/root/*) echo "$node lies in a home folder, which the service cannot see: install Node for all users" >&2; exit 1 ;;
    esac

    # The release is complete before anything points to it.
    mkdir -p "$release"
    trap 'rm -rf "$release"' ERR
    cp -R app model RUNBOOK.md "$release/"
    ln -s "$node" "$release/node"
    (cd "$release/app" && ${INSTALL_PACKAGES})
    chmod -R a+rX "$release"
    trap - ERR

    [ -e "/etc/$name.env" ] || install -m 0644 "$name.env" "/etc/$name.env"
    install -m 0644 "$name.service" "/etc/systemd/system/$name.service"
    systemctl daemon-reload
    systemctl enable "$name" >/dev/null

    switch_to() {
      ln -sfn "$1" "$root/.next"
      mv -T "$root/.next" "$root/current"
      systemctl restart "$name"
    }

    is_ready() {
      local port
      port=$(. "/etc/$name.env" && echo "$PORT")
      for _ in $(seq 60); do
        curl --silent --fail --output /dev/null "http://127.0.0.1:$port/readyz" && return 0
        sleep 1
      done
      return 1
    }

    before=$(readlink "$root/current" || true)
    switch_to "$release"
    if is_ready; then
      [ -z "$before" ] || ln -sfn "$before" "$root/previous"
      echo "$name runs from $release"
      exit 0
    fi
    journalctl --unit "$name" --lines 20 --no-pager >&2 || true
    if [ -n "$before" ]; then
      switch_to "$before"
      echo "not ready within 60 s: back at $before" >&2
    else
      systemctl disable --now "$name"
      echo "not ready within 60 s: stopped" >&2
    fi
    exit 1
  `
}

function rollBackScript({ name }: DeployPlan): string {
  return textBlock`
    #!/usr/bin/env bash
    # Goes back to the release before, and forth again when it is called again.
    set -euo pipefail

    name=${name}
    root=/opt/$name

    [ "$(id -u)" -eq 0 ] || { echo "run this as root" >&2; exit 1; }
    before=$(readlink "$root/previous") || { echo "there is no release before" >&2; exit 1; }
    now=$(readlink "$root/current")
    ln -sfn "$before" "$root/.next"
    mv -T "$root/.next" "$root/current"
    ln -sfn "$now" "$root/previous"
    systemctl restart "$name"
    echo "$name runs from $before"
  `
}

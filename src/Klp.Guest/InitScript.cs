using System.Globalization;
using System.Text;

namespace Klp.Guest;

/// <summary>
/// Writes the guest's /init: mounts, goes through the steps and frames what each prints with marks that hold the run's token, then switches off.
/// The token is in a file that is gone before the first step runs, so that no step can print a mark by accident.
/// </summary>
internal static class InitScript
{
    public const string TokenFile = "klp/token";

    public static string StepFile(int number) => string.Create(CultureInfo.InvariantCulture, $"klp/steps/{number}");

    public static string Write(GuestArchitecture architecture, IReadOnlyList<GuestStep> steps, GuestTerminal? terminal)
    {
        var tty = "/dev/" + architecture.ProtocolConsole;
        var script = new StringBuilder();
        script.Append($$"""
            #!/bin/busybox sh
            export PATH=/bin HOME=/ TERM=linux
            /bin/busybox mount -t devtmpfs devtmpfs /dev
            /bin/busybox mount -t proc proc /proc
            /bin/busybox mount -t sysfs sysfs /sys
            /bin/busybox mount -t tmpfs tmpfs /tmp
            /bin/busybox mount -t debugfs debugfs /sys/kernel/debug
            /bin/busybox mount -t tracefs tracefs /sys/kernel/tracing
            /bin/busybox --install -s /bin
            exec </dev/null >{{tty}} 2>&1
            stty -F {{tty}} raw -echo
            read -r token < /{{TokenFile}}
            rm /{{TokenFile}}
            mark() { printf '\n@%s %s\n' "$token" "$*"; }
            log() { mark begin log $1; dmesg -r -c; mark end log $1 0; }
            failed=
            step() {
              case "$failed" in
                *" $2 "*) if [ $3 != Always ]; then mark skip out $1; return; fi ;;
              esac
              mark begin out $1
              if [ $5 = 1 ]; then
                talk $1
                status=$?
              else
                # A session of its own: what the step started ends with it when its time is up, and lives on otherwise.
                timeout -s KILL $4 setsid sh /klp/steps/$1 &
                wait $!
                status=$?
                if [ $status = 137 ]; then kill -s KILL -$! 2>/dev/null; fi
              fi
              mark end out $1 $status $(cat /proc/sys/kernel/tainted)
              log $1
              if [ $3 = Required ] && [ $status != 0 ]; then failed="$failed $2 "; fi
            }

            """);
        script.Append(Talk(tty, terminal));
        script.Append("mark hello $(uname -r) $(cat /proc/sys/kernel/tainted)\nlog boot\n");
        var groups = steps.Select(s => s.Group).Distinct().ToList();
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            script.Append(CultureInfo.InvariantCulture,
                $"step {i} {groups.IndexOf(step.Group)} {step.Role} {Math.Max(1, (long)step.Timeout.TotalSeconds)} {(step.Interactive ? 1 : 0)}\n");
        }

        // -f: there is no other init to ask.
        script.Append(architecture.MayCount ? Sent(architecture.ProtocolConsole) : "");
        script.Append("mark bye $(cat /proc/sys/kernel/tainted)\npoweroff -f\nreboot -f\n");
        return script.ToString();
    }

    /// <summary>
    /// An emulated 16550 can lose bytes on a busy host; its driver's count tells the host. stty waits until all before it is out.
    /// The other terminals hand whole buffers to the host and lose none. The driver is <c>serial</c>, or <c>serial_8250</c> in kernels of 7.x.
    /// </summary>
    private static string Sent(string console) =>
        $$"""
        stty -F /dev/{{console}} raw -echo
        sent=unknown
        for file in /proc/tty/driver/serial*; do
          while read -r line; do
            case $line in {{console["ttyS".Length..]}}:*" tx:"*) line=${line#* tx:}; sent=${line%% *} ;; esac
          done <$file
        done
        mark sent $sent

        """;

    /// <summary>
    /// The interactive step. A person gets a terminal as a login has it; a script on standard input gets one without echo, so that its end
    /// can be passed on as end-of-file, and a shell that does not prompt.
    /// </summary>
    private static string Talk(string tty, GuestTerminal? terminal)
    {
        var settings = terminal is { IsTerminal: true, Rows: > 0, Columns: > 0 } t
            ? string.Create(CultureInfo.InvariantCulture, $"sane rows {t.Rows} cols {t.Columns}") : "sane";
        return terminal is { IsTerminal: true }
            ? $$"""
              talk() {
                stty -F {{tty}} {{settings}}
                mark ready $1
                setsid -c sh -c ". /klp/steps/$1" <{{tty}} >{{tty}} 2>&1
                set -- $?
                # The session's end hung the terminal up, for us too.
                exec >{{tty}} 2>&1
                stty -F {{tty}} raw -echo
                return $1
              }

              """
            : $$"""
              talk() {
                stty -F {{tty}} sane -echo -opost -isig
                mark ready $1
                (set -o pipefail; sh /klp/steps/$1 <{{tty}} 2>&1 | cat)
                set -- $?
                stty -F {{tty}} raw -echo
                return $1
              }

              """;
    }
}

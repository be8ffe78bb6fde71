using System.Globalization;

namespace Klp.Guest;

/// <summary>The guest's side of a test: what each step does, as a script of its shell.</summary>
internal static class TestSteps
{
    /// <summary>A patch that is not in sysfs.</summary>
    public const int NoPatch = 3;

    /// <summary>A transition that did not end in time.</summary>
    public const int Stalled = 4;

    /// <summary>The kernel said no.</summary>
    public const int Refused = 5;

    private const string Folder = "/klp/tests";

    public static string ScriptPath(int number) => string.Create(CultureInfo.InvariantCulture, $"{Folder}/{number}");

    /// <summary>Words of the environment that every script has.</summary>
    public static string Environment(TestRunRequest request, TestScript script) => string.Concat(
        Export("KLP_MODULE", request.Module.Name), Export("KLP_SYSFS", "/sys/kernel/livepatch/" + request.Module.Name), Export("KLP_KERNEL", request.Release),
        Export("KLP_PHASE", script.Phase.ToString()), Export("KLP_TARGETS", string.Join(' ', request.Targets.Select(t => t.Name))),
        Export("KLP_TARGET_FILES", string.Join(' ', request.Targets.Select(t => GuestStep.GuestPath(t.Modules[^1])))));

    /// <summary>Runs a script once.</summary>
    public static string Run(TestRunRequest request, TestScript script, int number) => $"{Environment(request, script)}cd /tmp\nexec {Command(script, number)}";

    /// <summary>
    /// Runs a script again and again in the background, each time in a session of its own so that all it starts can be ended with it. Returns when it has
    /// run once, or has run for a second.
    /// </summary>
    public static string Start(TestRunRequest request, TestScript script, int number) => $$"""
        {{Environment(request, script)}}d={{During(number)}}
        mkdir -p $d && cd /tmp
        (
          runs=0
          while [ ! -e $d/stop ]; do
            setsid {{Command(script, number)}} >$d/now 2>&1 </dev/null &
            echo $! >$d/pid
            wait $!
            status=$?
            # The one that was ended by us has no say.
            if [ -e $d/stop ] && [ $status -ge 128 ]; then break; fi
            runs=$((runs+1))
            mv $d/now $d/output
            echo $status >$d/status
            echo $runs >$d/runs
            if [ $status {{(script.Expect == TestExpectation.Pass ? "!= 0" : "= 0")}} ] || [ $status -gt 125 ]; then touch $d/failed; break; fi
            usleep 10000
          done
          touch $d/done
        ) </dev/null >/dev/null 2>&1 &
        n=0
        while [ ! -e $d/runs ] && [ $n -lt 10 ]; do usleep 100000; n=$((n+1)); done
        true
        """;

    /// <summary>Ends a script that <see cref="Start"/> started, and says how it went.</summary>
    public static string Finish(int number) => $$"""
        d={{During(number)}}
        [ -d $d ] || exit 0
        touch $d/stop
        for signal in none TERM KILL; do
          [ $signal = none ] || kill -s $signal -$(cat $d/pid) 2>/dev/null
          n=0
          while [ ! -e $d/done ] && [ $n -lt 10 ]; do usleep 100000; n=$((n+1)); done
        done
        cat $d/output 2>/dev/null || cat $d/now 2>/dev/null
        if [ -e $d/runs ]; then echo "[$(cat $d/runs) runs ended while the patch came and went]"; else echo "[it ran all the while, and was ended]"; fi
        if [ -e $d/failed ]; then echo "[the last one with status $(cat $d/status)]"; exit 1; fi
        [ -e $d/done ] || { echo "[it cannot be killed]"; exit 1; }
        """;

    /// <summary>Waits for the end of a patch's transition. A stalled one is reported with the tasks that hold it up.</summary>
    public static string AwaitTransition(string patch, TimeSpan atMost) => $$"""
        cd /sys/kernel/livepatch/{{patch}} || exit {{NoPatch}}
        {{GuestPatience.Begin(atMost)}}
        while [ "$(cat transition)" != 0 ]; do
          if {{GuestPatience.IsOver}}; then
        {{Blockers("    ")}}
            exit {{Stalled}}
          fi
          usleep 100000
        done
        [ "$(cat enabled)" = 1 ] || { echo "the patch is not enabled"; exit {{Refused}}; }
        """;

    /// <summary>Disables a patch and waits until the kernel has dropped it.</summary>
    public static string Disable(string patch, TimeSpan atMost) => $$"""
        cd /sys/kernel/livepatch || exit {{NoPatch}}
        echo 0 > {{patch}}/enabled || exit {{Refused}}
        {{GuestPatience.Begin(atMost)}}
        while [ -d {{patch}} ]; do
          if {{GuestPatience.IsOver}}; then
            cd {{patch}}
        {{Blockers("    ")}}
            exit {{Stalled}}
          fi
          usleep 100000
        done
        """;

    /// <summary>The same for a patch that another one replaced: nobody has to disable it.</summary>
    public static string AwaitGone(string patch, TimeSpan atMost) => $$"""
        {{GuestPatience.Begin(atMost)}}
        while [ -d /sys/kernel/livepatch/{{patch}} ]; do
          if {{GuestPatience.IsOver}}; then echo "{{patch}} is still there"; exit {{Stalled}}; fi
          usleep 100000
        done
        """;

    /// <summary>
    /// The kernel says that these objects are patched, and every function that the patch replaces there is one that ftrace redirects.
    /// The file <c>patched</c> is there from 6.1 on.
    /// </summary>
    public static string CheckPatched(string patch, IEnumerable<string> objects) => $$"""
        cd /sys/kernel/livepatch/{{patch}} || exit {{NoPatch}}
        wrong=0
        for object in {{string.Join(' ', objects)}}; do
          [ -d $object ] || { echo "the patch has no object $object"; wrong=1; continue; }
          [ ! -e $object/patched ] || [ "$(cat $object/patched)" = 1 ] || { echo "$object is not patched"; wrong=1; }
          for function in $object/*,*/; do
            [ -d "$function" ] || continue
            name=${function#*/}
            name=${name%,*}
            awk -v name="$name" '$1 == name { found = 1 } END { exit !found }' /sys/kernel/tracing/enabled_functions || { echo "$object: $name is not redirected"; wrong=1; }
          done
        done
        exit $wrong
        """;

    public static string Insert(GuestModule module) => $"[ -e /sys/module/{module.Name}/initstate ] || insmod {GuestStep.GuestPath(module)}{(module.IsOptional ? " || true" : "")}";

    /// <summary>Unloads modules, the last loaded first.</summary>
    public static string Remove(IEnumerable<string> names) => string.Join("\n", names.Reverse().Select(name => $"[ ! -d /sys/module/{name} ] || rmmod {name} || exit 1"));

    /// <summary>
    /// Prints each task that has not arrived where the transition leads, with its stack, and lets the kernel write those of all processors into its log.
    /// In the patch's folder of sysfs.
    /// </summary>
    private static string Blockers(string indent) => string.Join("\n" + indent, $$"""
        {{indent}}echo "tasks that hold the transition up:"
        state=$(cat enabled)
        for task in /proc/[0-9]*/task/[0-9]*; do
          case $(cat $task/patch_state 2>/dev/null) in ""|-1|$state) continue ;; esac
          echo "  ${task##*/} $(cat $task/comm)"
          sed 's/^/    /' $task/stack
        done
        echo l > /proc/sysrq-trigger
        """.Split('\n'));

    private static string Command(TestScript script, int number) => IsProgram(script) ? ScriptPath(number) : "sh " + ScriptPath(number);

    // An ELF file is run as it is; all else is for the only shell there is, whatever its first line says.
    private static bool IsProgram(TestScript script) => script.Content.Span.StartsWith("\x7f"u8);

    private static string During(int number) => string.Create(CultureInfo.InvariantCulture, $"/tmp/.klp/{number}");

    private static string Export(string name, string value) => $"export {name}='{value.Replace("'", "'\\''", StringComparison.Ordinal)}'\n";
}

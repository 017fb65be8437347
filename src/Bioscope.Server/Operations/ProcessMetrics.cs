using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Bioscope.Server.Operations;

/// <summary>The process metrics of every Prometheus client, and the version. The runtime's own meters provide the rest.</summary>
internal sealed class ProcessMetrics
{
    /// <summary>The version of this build; empty where it has none.</summary>
    public static string Version { get; } =
        typeof(ProcessMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public ProcessMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Bioscope.Process");
        using var process = Process.GetCurrentProcess();
        var started = new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableGauge(
            "bioscope.build.info",
            () => new Measurement<long>(1, new("version", Version), new("runtime", RuntimeInformation.FrameworkDescription)),
            description: "Always 1; the labels identify the build");
        meter.CreateObservableGauge("process.start_time", () => started, "s", "When the process started, since 1970");
        meter.CreateObservableCounter("process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time used");
        meter.CreateObservableGauge("process.resident_memory", () => Environment.WorkingSet, "By", "Memory held by the process");
        meter.CreateObservableGauge("process.threads", () => Now(process => process.Threads.Count), description: "Threads of the process");
        meter.CreateObservableGauge("process.open_fds", () => Now(process => process.HandleCount), description: "Open files and sockets");
    }

    private static int Now(Func<Process, int> read)
    {
        using var process = Process.GetCurrentProcess();
        return read(process);
    }
}

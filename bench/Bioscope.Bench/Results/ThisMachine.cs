using System.Runtime.InteropServices;
using Bioscope.Bench.Load;

namespace Bioscope.Bench.Results;

/// <summary>Where a run took place.</summary>
internal static class ThisMachine
{
    public static Dictionary<string, string> Describe() => new()
    {
        ["processor"] = $"{Environment.ProcessorCount} × {FieldOf("/proc/cpuinfo", "model name")}",
        ["memory"] = FieldOf("/proc/meminfo", "MemTotal"),
        ["system"] = $"{RuntimeInformation.OSDescription}, kernel {Environment.OSVersion.Version}",
        [".net"] = RuntimeInformation.FrameworkDescription,
        ["driver"] = Driver.Name,
    };

    private static string FieldOf(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}

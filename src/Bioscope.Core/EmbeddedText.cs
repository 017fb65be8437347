using System.Reflection;

namespace Bioscope.Core;

/// <summary>Lists embedded as text.</summary>
public static class EmbeddedText
{
    /// <summary>The whole text.</summary>
    /// <param name="assembly">The assembly that embeds it.</param>
    /// <param name="name">Its logical name.</param>
    public static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(
            assembly.GetManifestResourceStream(name) ?? throw new ArgumentException($"{name} is not embedded", nameof(name)));
        return reader.ReadToEnd();
    }

    /// <summary>Its lines, except empty ones and those that begin with <c>#</c>.</summary>
    public static IEnumerable<string> Lines(Assembly assembly, string name) =>
        Read(assembly, name).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(
            line => line[0] != '#');
}

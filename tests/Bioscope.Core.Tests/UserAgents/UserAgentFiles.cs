namespace Bioscope.Core.Tests.UserAgents;

/// <summary>The lists beside these tests, and the list that the product embeds.</summary>
internal static class UserAgentFiles
{
    /// <summary>User agents that crawlers sent, as the list's makers publish them.</summary>
    public static IEnumerable<string> Crawlers => Lines("tests/Bioscope.Core.Tests/UserAgents/bot-instances.txt");

    /// <summary>User agents that people's browsers send, each with the device it tells.</summary>
    public static IEnumerable<(DeviceClass? Device, string UserAgent)> People =>
        from line in Lines("tests/Bioscope.Core.Tests/UserAgents/people.txt")
        let parts = line.Split('\t')
        select (parts[0] is "unknown" ? default(DeviceClass?) : Enum.Parse<DeviceClass>(parts[0], ignoreCase: true), parts[1]);

    /// <summary>The words of one section of the embedded list.</summary>
    public static IEnumerable<string> Words(string section) => Lines("src/Bioscope.Core/UserAgents/bots.txt")
        .SkipWhile(line => line != $"[{section}]").Skip(1).TakeWhile(line => line[0] != '[')
        .Select(line => line.Replace('␣', ' '));

    private static IEnumerable<string> Lines(string path) =>
        File.ReadLines(Path.Combine(Root(), path)).Where(line => line is not "" && line[0] != '#');

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Bioscope.slnx")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new DirectoryNotFoundException("These tests run inside the repository.");
        }

        return directory;
    }
}

namespace Bioscope.Core.Tests.UserAgents;

/// <summary>The lists beside these tests, and the embedded list.</summary>
internal static class UserAgentFiles
{
    /// <summary>User agents of crawlers, as published by the list's makers.</summary>
    public static IEnumerable<string> Crawlers => RepositoryFiles.Lines("tests/Bioscope.Core.Tests/UserAgents/bot-instances.txt");

    /// <summary>User agents of people's browsers, each with all its facts.</summary>
    public static IEnumerable<(string UserAgent, UserAgentFacts Facts)> People =>
        from line in RepositoryFiles.Lines("tests/Bioscope.Core.Tests/UserAgents/people.txt")
        let parts = line.Split('\t')
        let device = parts[0] is "unknown" ? default(DeviceClass?) : Enum.Parse<DeviceClass>(parts[0], ignoreCase: true)
        select (parts[5], new UserAgentFacts(device, Told(parts[1]), Told(parts[2]), Told(parts[3]), Told(parts[4])));

    /// <summary>The words of one section of the embedded list.</summary>
    public static IEnumerable<string> Words(string section) => RepositoryFiles.Lines("src/Bioscope.Core/UserAgents/bots.txt")
        .SkipWhile(line => line != $"[{section}]").Skip(1).TakeWhile(line => line[0] != '[')
        .Select(line => line.Replace('␣', ' '));

    private static string? Told(string text) => text is "-" ? null : text;
}

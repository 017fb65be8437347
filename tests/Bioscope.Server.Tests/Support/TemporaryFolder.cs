namespace Bioscope.Server.Tests.Support;

/// <summary>An empty folder that is removed at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("bioscope-folder-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

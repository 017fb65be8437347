namespace Bioscope.Engine.Import.From;

/// <summary>A tool whose exports can be imported.</summary>
/// <param name="Name">What the operator writes after <c>--from</c>.</param>
/// <param name="Title">As people call it.</param>
/// <param name="Reads">Whether a part of a file is its export.</param>
/// <param name="Read">Reads that part.</param>
internal sealed record ExportTool(
    string Name, string Title, Func<ExportPart, bool> Reads,
    Func<ExportPart, ImportTarget, CancellationToken, IAsyncEnumerable<ImportItem>> Read)
{
    /// <summary>What its exports do not say, as a sentence for the operator.</summary>
    public required string Unknown { get; init; }

    /// <summary>The time of the first row, by which several files are put in order; where order does not matter, null.</summary>
    public Func<ExportPart, DateTimeOffset?> Begins { get; init; } = _ => null;

    /// <summary>All tools; where a file could be of several, the first one is taken.</summary>
    public static IReadOnlyList<ExportTool> All { get; } =
    [
        new(
            "goatcounter", "GoatCounter", part => GoatCounterExport.Reads(part) || GoatCounterJson.Reads(part),
            (part, target, cancellationToken) => GoatCounterJson.Reads(part)
                ? GoatCounterJson.Read(part, target, cancellationToken) : GoatCounterExport.Read(part, target).ToAsyncEnumerable())
        {
            Unknown = "GoatCounter's CSV has no language, city or time on the page, and visitors are its sessions, so one who returned on "
                + "another day counts twice. Its JSON has sums, so the views of its days are shown apart in the chart, lighter, and are in "
                + "no other figure.",
            Begins = GoatCounterJson.Begins,
        },
        new("umami", "Umami", UmamiExport.Reads, UmamiExport.Read)
        {
            Unknown = "Umami's rows have no app. An event counts as a click where it has a link's name, or the link's address as its "
                + "property url.",
        },
        new("matomo", "Matomo", MatomoExport.Reads, MatomoExport.Read)
        {
            Unknown = "Matomo leaves out bots itself, so none are counted.",
        },
        new("shlink", "Shlink", ShlinkExport.Reads, ShlinkExport.Read)
        {
            Unknown = "Shlink does not tell visitors apart, so each visit has a visitor of its own, and how long it lasted is not known.",
        },
        new("plausible", "Plausible", DailySums.ReadsPlausible, Of(DailySums.ReadPlausible))
        {
            Unknown = "Plausible exports sums, so the views of its days are shown apart in the chart, lighter, and are in no other figure.",
        },
        new("ga4", "Google Analytics", DailySums.ReadsGa4, Of(DailySums.ReadGa4))
        {
            Unknown = "Google Analytics exports sums, so the views of its days are shown apart in the chart, lighter, and are in no other "
                + "figure.",
        },
        new("linkstack", "LinkStack", LinkList.ReadsLinkstack, LinkList.ReadLinkstack)
        {
            Unknown = "LinkStack's numbers of clicks have no days, so only the links are imported.",
        },
        new("linktree", "Linktree", LinkList.ReadsLinktree, LinkList.ReadLinktree)
        {
            Unknown = "Linktree exports no visits, so only the links are imported.",
        },
        new("access-log", "an access log", AccessLog.Reads, AccessLog.Read)
        {
            Unknown = "An access log has no clicks, and nothing of visits that a cache answered; visitors are told apart by address and "
                + "browser within a day.",
            Begins = AccessLog.Begins,
        },
    ];

    /// <summary>The tool whose export a file is; null when it is none that is known.</summary>
    public static ExportTool? Of(ExportFile file) => All.FirstOrDefault(tool => file.Parts.Any(tool.Reads));

    /// <summary>A tool's name as people know it; of a later version's tool, its name here.</summary>
    public static string TitleOf(string name) => All.FirstOrDefault(tool => tool.Name == name)?.Title ?? name;

    private static Func<ExportPart, ImportTarget, CancellationToken, IAsyncEnumerable<ImportItem>> Of(
        Func<ExportPart, ImportTarget, IEnumerable<ImportItem>> read) => (part, target, _) => read(part, target).ToAsyncEnumerable();
}

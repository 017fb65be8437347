using System.Globalization;
using Bioscope.Engine.Import;
using Bioscope.Engine.Retention;
using Bioscope.Engine.Sealing;

namespace Bioscope.Server.Commands;

/// <summary>Tells who imports old visits that the server will remove them (<c>Retention:Months</c>).</summary>
internal static class KeptRows
{
    /// <summary>Since when visits are kept, by the database and by the setting, which acts at the server's next look.</summary>
    public static async Task<DateTimeOffset?> SinceAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var known = await KeptVisits.ReadSinceAsync(context.Analytics, cancellationToken);
        if (context.Settings.RetentionMonths == 0)
        {
            return known;
        }

        var now = await Fence.ReadAsync(context.Analytics, cancellationToken) is { Year: < 9999 } fence ? fence : context.Clock.GetUtcNow();
        return KeptVisits.SinceOf(now, context.Settings.RetentionMonths) is var set && set > known ? set : known ?? set;
    }

    /// <summary>Says before an import which visits will not stay.</summary>
    public static async Task<DateTimeOffset?> AnnounceAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var since = await SinceAsync(context, cancellationToken);
        if (since is { } kept)
        {
            await Console.Error.WriteLineAsync(
                $"Visits are kept since {Day(kept)} (Retention:Months). Older ones are imported, and the server removes them within a day.");
        }

        return since;
    }

    /// <summary>Says after an import how many of its rows will not stay.</summary>
    public static async Task ReportAsync(Importer importer)
    {
        if (importer.KeptSince is not { } since || importer.NotKept.Rows == 0)
        {
            return;
        }

        var rows = importer.NotKept.Rows.ToString("N0", CultureInfo.InvariantCulture);
        await Console.Error.WriteLineAsync(
            $"{rows} of the rows will not stay: they are from before {Day(since)}, the earliest of {Day(importer.NotKept.Earliest)}, and the " +
            "server removes them within a day.");
    }

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

namespace Bioscope.Engine.Counting;

/// <summary>The values of <c>visitorKind</c>: the first session of a visitor on the page ever is <c>new</c>, by time, then id.</summary>
internal static class VisitorKinds
{
    private const int Unknown = 0, New = 1, Returning = 2;

    public static IReadOnlyList<string?> Values { get; } = [null, "new", "returning"];

    /// <summary>The code of each session; those that are not stored have none.</summary>
    public static int[] Codes(PageRows rows)
    {
        var codes = new int[rows.StartedAt.Length];
        for (var session = 0; session < codes.Length; session++)
        {
            codes[session] = rows.StartedAt[session] == PageRows.NotStored ? Unknown : rows.IsReturning[session] != 0 ? Returning : New;
        }

        return codes;
    }
}

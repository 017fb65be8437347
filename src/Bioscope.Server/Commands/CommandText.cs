using System.Globalization;

namespace Bioscope.Server.Commands;

/// <summary>How commands write values.</summary>
internal static class CommandText
{
    /// <summary>An instant to the minute.</summary>
    public static string Of(DateTimeOffset instant) => instant.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}

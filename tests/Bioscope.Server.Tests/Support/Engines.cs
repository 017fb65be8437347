using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Bioscope.Server.Tests.Support;

/// <summary>A supported database engine.</summary>
public enum EngineKind
{
    Sqlite,
    Postgres,

    /// <summary>PostgreSQL whose tables of visits Citus has spread over its workers: see <see cref="CitusCluster"/>.</summary>
    Citus,
}

/// <summary>
/// Runs a theory on every engine. If an engine is missing, its case is skipped by name on a laptop and fails in CI; but for Citus, which no
/// package of Debian has: its cases exist where <see cref="CitusCluster"/> does, and <c>DistributeTests</c> say by name that it is missing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EnginesAttribute : DataAttribute
{
    public const string PostgresIsMissing = "PostgreSQL is not installed (no initdb found)";

    /// <summary>Further cases: each is combined with every engine as the second argument.</summary>
    public object[] With { get; init; } = [];

    /// <summary>Why the test is none for distributed tables; null where it is.</summary>
    public string? NotOnCitus { get; init; }

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        var rows = new List<ITheoryDataRow>();
        foreach (var engine in Enum.GetValues<EngineKind>())
        {
            if (engine == EngineKind.Citus && (NotOnCitus is not null || !CitusCluster.IsThere))
            {
                continue;
            }

            var skip = engine == EngineKind.Sqlite || PostgresCluster.IsInstalled || IsContinuousIntegration ? null : PostgresIsMissing;
            foreach (var arguments in With.Length == 0 ? [[engine]] : With.Select(object[] (value) => [engine, value]))
            {
                rows.Add(new TheoryDataRow(arguments) { Skip = skip });
            }
        }

        return new(rows);
    }

    public override bool SupportsDiscoveryEnumeration() => true;

    public static bool IsContinuousIntegration => Environment.GetEnvironmentVariable("CI") is "true" or "1";
}

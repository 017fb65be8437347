using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Postgres;
using Npgsql;
using Xunit;

namespace Bioscope.Engine.Tests.Storage;

public sealed class PostgresUrlTests
{
    [Theory]
    [InlineData("postgres://anna:secret@db.example:6432/stats", "db.example", 6432, "anna", "secret", "stats")]
    [InlineData("POSTGRESQL://anna@db.example/stats", "db.example", 5432, "anna", null, "stats")]
    [InlineData("postgres://db.example", "db.example", 5432, null, null, null)]
    [InlineData("postgres://db.example/", "db.example", 5432, null, null, null)]
    [InlineData("postgres://db.example:/stats", "db.example", 5432, null, null, "stats")]
    [InlineData("postgres://anna:p%40ss%2Fw%3Ard%25%3F%23@db.example/stats", "db.example", 5432, "anna", "p@ss/w:rd%?#", "stats")]
    [InlineData("postgres://anna:p@ss:w@rd@db.example/stats", "db.example", 5432, "anna", "p@ss:w@rd", "stats")]
    [InlineData("postgres://anna:a%3Bb%3D%27%22%20c@db.example/stats", "db.example", 5432, "anna", "a;b='\" c", "stats")]
    [InlineData("postgres://%C3%A4nne:gr%C3%BCn@10.0.0.5/st%20ats", "10.0.0.5", 5432, "änne", "grün", "st ats")]
    [InlineData("postgres://anna:a+b@[2001:db8::1]:6432/stats", "2001:db8::1", 6432, "anna", "a+b", "stats")]
    [InlineData("postgres://%2Fvar%2Frun%2Fpostgresql/stats", "/var/run/postgresql", 5432, null, null, "stats")]
    [InlineData("postgres:///stats?host=db.example&port=6432&user=anna&password=a%26b", "db.example", 6432, "anna", "a&b", "stats")]
    [InlineData("postgres://a:6432,[::1],b/stats", "a:6432,[::1],b", 5432, null, null, "stats")]
    [InlineData("postgres://a,[2001:db8::1]:6432/stats", "a,[2001:db8::1]:6432", 5432, null, null, "stats")]
    [InlineData("postgres://:secret@db.example/stats", "db.example", 5432, null, "secret", "stats")]
    // The last one counts.
    [InlineData("postgres://anna@db.example/stats?user=bea&USER=clara&dbname=other", "db.example", 5432, "clara", null, "other")]
    [InlineData("postgres://db.example/a/b", "db.example", 5432, null, null, "a/b")]
    [InlineData("postgres://db.example:65535/stats?host=&port=", "db.example", 65535, null, null, "stats")] // nothing is no value
    public void Parts_are_percent_decoded(string url, string host, int port, string? user, string? password, string? database)
    {
        var read = new NpgsqlConnectionStringBuilder(PostgresUrl.ToConnectionString(url));

        Assert.Equal((host, port, user, password, database), (read.Host, read.Port, read.Username, read.Password, read.Database));
    }

    [Theory]
    [InlineData("sslmode=verify-full&sslrootcert=/etc/ca.pem", "SSL Mode=VerifyFull;Root Certificate=/etc/ca.pem")]
    [InlineData("sslmode=require&channel_binding=require", "SSL Mode=Require;Channel Binding=Require")]
    [InlineData("sslmode=disable", "SSL Mode=Disable")]
    [InlineData("SSLMODE=verify-ca", "SSL Mode=VerifyCA")]
    [InlineData("&&connect_timeout=7&", "Timeout=7")]
    [InlineData("password=a=b", "Password=\"a=b\"")]
    [InlineData("target_session_attrs=read-write&keepalives_idle=30", "Target Session Attributes=read-write;TCP Keepalive Time=30")]
    [InlineData("connect_timeout=7&application_name=my%20stats", "Timeout=7;Application Name=my stats")]
    [InlineData("connection_limit=5&schema=stats", "Maximum Pool Size=5;Search Path=stats")]
    [InlineData("Maximum Pool Size=5", "Maximum Pool Size=5")]
    public void Query_parameters_are_read(string query, string expected)
    {
        var read = new NpgsqlConnectionStringBuilder(PostgresUrl.ToConnectionString("postgres://db.example/?" + query));

        Assert.Equal(new NpgsqlConnectionStringBuilder("Host=db.example;" + expected).ConnectionString, read.ConnectionString);
    }

    [Theory]
    [InlineData("postgres://")]
    [InlineData("postgres:///stats")]
    [InlineData("postgres://anna:hunter%2@db.example/stats")]
    [InlineData("postgres://anna:hunter%zz@db.example/stats")]
    [InlineData("postgres://anna:hunter%00@db.example/stats")]
    [InlineData("postgres://anna:hunter/2@db.example/stats")]
    [InlineData("postgres://anna:hunter?2@db.example/stats")]
    [InlineData("postgres://anna:hunter#2@db.example:5432x/stats")]
    [InlineData("postgres://anna:hunter@db.example:0/stats")]
    [InlineData("postgres://anna:hunter@db.example:99999/stats")]
    [InlineData("postgres://anna:hunter@db example/stats")]
    [InlineData("postgres://anna:hunter@db.example/stats?sslmode=maybe")]
    [InlineData("postgres://anna:hunter@db.example/stats?nonsense=1")]
    [InlineData("postgres://anna:hunter@db.example/stats?connect_timeout=soon")]
    [InlineData("postgres://anna:hunter@db.example/stats?pgbouncer=perhaps")]
    [InlineData("postgres://anna:hunter@db.example/stats?connect_timeout=99999999999")]
    [InlineData("postgres://anna:hunter@db.example/stats?=1")]
    [InlineData("postgres://anna:hunter@db.example/stats?%zz=1")]
    [InlineData("postgres://anna:hunter@db.example:+5432/stats")]
    [InlineData("postgres://anna:hunter@a,/stats")]
    [InlineData("postgres://anna:hunter@::1/stats")]
    [InlineData("postgres://anna:hunter%4@db.example/stats")]
    [InlineData("postgres://anna:hunter%@db.example/stats")]
    public void A_malformed_address_is_refused_without_its_password(string url)
    {
        var failure = Assert.Throws<FormatException>(() => StorageEngine.Open(url));

        Assert.DoesNotContain("hunter", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://db.example/?pgbouncer=true")]
    [InlineData("Host=db.example;PgBouncer=true")]
    [InlineData("Server=db.example;pgbouncer=false;Options=-c work_mem=8MB")]
    public async Task A_pooler_may_be_told(string connection)
    {
        var (source, dialect) = StorageEngine.Open(connection);

        Assert.Equal("PostgreSQL", dialect.Name);
        await source.DisposeAsync();
    }
}

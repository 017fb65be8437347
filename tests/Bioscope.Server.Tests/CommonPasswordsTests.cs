using Bioscope.Server.Accounts;

namespace Bioscope.Server.Tests;

public sealed class CommonPasswordsTests
{
    [Theory]
    [InlineData("password")]
    [InlineData("PASSWORD")]
    [InlineData("12345678")]
    [InlineData("88888888")]
    [InlineData("abcdefgh")]
    [InlineData("qwertyuiop")]
    [InlineData("iloveyou")]
    [InlineData("Password1")]
    [InlineData("p@ssw0rd")]
    [InlineData("trustno1")]
    [InlineData("123456")]
    public void Common_passwords_are_refused(string password) => Assert.NotNull(Passwords.Problem(password));

    [Theory]
    [InlineData("password ")]
    [InlineData("battery staple")]
    [InlineData("correct horsé")]
    public void Uncommon_passwords_are_accepted(string password) => Assert.Null(Passwords.Problem(password));

    [Fact]
    public void The_list_has_at_least_10000_passwords() => Assert.InRange(CommonPasswords.Count, 10_000, 20_000);

    [Fact]
    public async Task A_user_with_a_common_password_can_still_sign_in()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await app.AddCreatorAsync("anna@example.com", "password");

        Assert.NotEmpty(await app.SignInAsync("anna@example.com", "password"));
    }
}

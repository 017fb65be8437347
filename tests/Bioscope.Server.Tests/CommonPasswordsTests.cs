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
    public void What_everybody_has_is_refused(string password) => Assert.NotNull(Passwords.Problem(password));

    [Theory]
    [InlineData("password ")]
    [InlineData("battery staple")]
    [InlineData("correct horsé")]
    public void What_few_have_is_not(string password) => Assert.Null(Passwords.Problem(password));

    [Fact]
    public void There_are_at_least_ten_thousand() => Assert.InRange(CommonPasswords.Count, 10_000, 20_000);

    [Fact]
    public async Task Whoever_has_a_common_password_already_still_signs_in()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await app.AddCreatorAsync("anna@example.com", "password");

        Assert.NotEmpty(await app.SignInAsync("anna@example.com", "password"));
    }
}

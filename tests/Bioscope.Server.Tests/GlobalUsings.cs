global using Bioscope.Server.Tests.Support;
global using Xunit;

using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Peer.Tests.Docs;

/// <summary>docs/security.md names a test beside each attack, and each of them is there and says so itself.</summary>
public sealed partial class SecurityDocTests
{
    [Fact]
    public void Each_of_the_23_attacks_has_its_tests_and_the_page_names_them_all()
    {
        var told = new Dictionary<int, string[]>();

        // Two tables, the second for the port for ENet, where some have the same names.
        foreach (Match row in Row().Matches(Page()))
        {
            var attack = int.Parse(row.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
            var names = Name().Matches(row.Groups[2].Value).Select(name => name.Groups[1].Value);
            told[attack] = [.. told.GetValueOrDefault(attack, []).Concat(names).Distinct().Order(StringComparer.Ordinal)];
        }

        Assert.Equal(Enumerable.Range(1, 23), told.Keys.Order());

        var marked = typeof(SecurityDocTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .SelectMany(method => AttacksOf(method).Select(attack => (Attack: attack, method.Name)))
            .GroupBy(pair => pair.Attack, pair => pair.Name)
            .ToDictionary(group => group.Key, group => group.Distinct().Order(StringComparer.Ordinal).ToArray());
        foreach (var (attack, names) in told)
            Assert.True(names.SequenceEqual(marked[attack]), $"row {attack}: the page names {string.Join(", ", names)}; the tests are {string.Join(", ", marked[attack])}");
    }

    private static IEnumerable<int> AttacksOf(MethodInfo method) =>
        from trait in CustomAttributeData.GetCustomAttributes(method)
        where trait.AttributeType == typeof(TraitAttribute) && (string)trait.ConstructorArguments[0].Value! == "Attack"
        select int.Parse((string)trait.ConstructorArguments[1].Value!, System.Globalization.CultureInfo.InvariantCulture);

    private static string Page([CallerFilePath] string here = "") =>
        File.ReadAllText(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "security.md")));

    [GeneratedRegex(@"^\| (\d+) \|(.*)$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`([A-Z]\w+_\w+)`")]
    private static partial Regex Name();
}

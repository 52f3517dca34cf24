//! Formats of tools of which there is no recording: short reports in the form that their documentation gives.

use diagnostics::{Diagnostic, Output, Position, Span, read};

/// Reads a report and tells each diagnostic in one line.
fn told(report: &str) -> (Vec<&'static str>, Vec<String>) {
    let read = read(&Output { stdout: report.as_bytes(), stderr: b"", tool: None });
    let place = |span: Option<Span>| match span.map(|span| (span.start, span.end)) {
        Some((Position::LineColumn { line, column, .. }, Position::LineColumn { line: end, column: end_column, .. })) => {
            format!("{line}:{column}-{end}:{end_column}")
        }
        _ => "-".to_owned(),
    };
    let told = |one: &Diagnostic| {
        let path = one.path.as_deref().unwrap_or("-");
        format!("{} {} {} {} {path} {} {}", one.tool, one.rule, one.kind, one.severity, place(one.span), one.message)
    };
    assert!(read.skipped.is_empty(), "{:?}", read.skipped);
    (read.formats, read.diagnostics.iter().map(told).collect())
}

#[track_caller]
fn holds(report: &str, format: &str, expected: &[&str]) {
    let (formats, told) = told(report);
    assert_eq!(
        (formats.as_slice(), told.as_slice()),
        ([format].as_slice(), expected.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>().as_slice())
    );
}

#[test]
fn linters() {
    holds(
        r#"[{"line":3,"code":"DL3008","message":"Pin versions in apt get install.","column":1,"file":"Dockerfile","level":"warning"}]"#,
        "hadolint json",
        &["hadolint DL3008 linting warning Dockerfile 3:1-3:1 Pin versions in apt get install."],
    );
    holds(
        r#"{"Issues":[{"FromLinter":"errcheck","Text":"Error return value is not checked","Severity":"","SourceLines":["x"],"Pos":{"Filename":"a.go","Offset":9,"Line":4,"Column":2},"ExpectNoLint":false},{"FromLinter":"gofmt","Text":"File is not properly formatted","Severity":"","Pos":{"Filename":"b.go","Line":1,"Column":1}}],"Report":{"Linters":[{"Name":"errcheck","Enabled":true}]}}"#,
        "golangci-lint json",
        &[
            "golangci-lint errcheck linting error a.go 4:2-4:2 Error return value is not checked",
            "golangci-lint gofmt formatting error b.go 1:1-1:1 File is not properly formatted",
        ],
    );
    holds(r#"{"Issues":null,"Report":{"Linters":[]}}"#, "golangci-lint json", &[]);
    holds(
        r#"{"metadata":{"rubocop_version":"1.60.0","ruby_engine":"ruby"},"files":[{"path":"lib/a.rb","offenses":[{"severity":"convention","message":"Style/StringLiterals: Prefer single-quoted strings.","cop_name":"Style/StringLiterals","corrected":false,"correctable":true,"location":{"start_line":2,"start_column":5,"last_line":2,"last_column":7,"length":3,"line":2,"column":5}},{"severity":"convention","message":"x","cop_name":"Layout/TrailingWhitespace","corrected":true,"location":{"line":1,"column":1}}]}],"summary":{"offense_count":2}}"#,
        "rubocop json",
        &["rubocop Style/StringLiterals linting warning lib/a.rb 2:5-2:8 Prefer single-quoted strings."],
    );
    holds(
        r#"{"totals":{"errors":0,"file_errors":1},"files":{"/app/src/A.php":{"errors":1,"messages":[{"message":"Undefined variable: $x","line":7,"ignorable":true,"identifier":"variable.undefined"}]}},"errors":["Ignored error pattern was not matched"]}"#,
        "phpstan json",
        &[
            "phpstan variable.undefined type_checking error /app/src/A.php 7:1-7:1 Undefined variable: $x",
            "phpstan error type_checking error - - Ignored error pattern was not matched",
        ],
    );
    holds(
        r#"{"Golang errors":{},"Issues":[{"severity":"HIGH","confidence":"LOW","cwe":{"id":"798"},"rule_id":"G101","details":"Potential hardcoded credentials","file":"/repo/a.go","code":"x","line":"12-13","column":"2","nosec":false}],"Stats":{"files":1},"GosecVersion":"2.20.0"}"#,
        "gosec json",
        &["gosec G101 security error /repo/a.go 12:2-12:2 Potential hardcoded credentials"],
    );
    holds(
        "{\"type\":\"issue\",\"check_name\":\"Complexity\",\"description\":\"Too complex\",\"categories\":[\"Complexity\"],\"location\":{\"path\":\"a.rb\",\"lines\":{\"begin\":5,\"end\":9}},\"severity\":\"minor\",\"engine_name\":\"structure\"}\n",
        "code quality json",
        &["structure Complexity linting warning a.rb 5:1-5:1 Too complex"],
    );
}

#[test]
fn scanners() {
    holds(
        r#"{"SchemaVersion":2,"ArtifactName":".","ArtifactType":"filesystem","Results":[{"Target":"package-lock.json","Class":"lang-pkgs","Type":"npm","Vulnerabilities":[{"VulnerabilityID":"CVE-2021-44906","PkgName":"minimist","InstalledVersion":"1.2.5","FixedVersion":"1.2.6, 0.2.4","Severity":"CRITICAL","Title":"prototype pollution"}]},{"Target":"Dockerfile","Class":"config","Misconfigurations":[{"ID":"DS002","Title":"root user","Message":"Specify a user","Severity":"HIGH","CauseMetadata":{"StartLine":3,"EndLine":3}}]}]}"#,
        "trivy json",
        &[
            "trivy CVE-2021-44906 dependency_issue error package-lock.json - minimist 1.2.5 is vulnerable: prototype pollution; fixed in 1.2.6, 0.2.4 [npm]",
            "trivy DS002 security error Dockerfile 3:1-3:1 Specify a user",
        ],
    );
    holds(
        r#"{"matches":[{"vulnerability":{"id":"GHSA-x","severity":"High","description":"Bad thing. More","fix":{"versions":["2.0.1"],"state":"fixed"}},"artifact":{"name":"flask","version":"2.0.0","type":"python","locations":[{"path":"/requirements.txt"}]}}],"source":{},"descriptor":{"name":"grype"}}"#,
        "grype json",
        &["grype GHSA-x dependency_issue error requirements.txt - flask 2.0.0 is vulnerable: Bad thing; fixed in 2.0.1 [PyPI]"],
    );
    holds(
        "{\"config\":{\"protocol_version\":\"v1.0.0\",\"scanner_name\":\"govulncheck\"}}\n{\"finding\":{\"osv\":\"GO-2021-0113\",\"fixed_version\":\"v0.3.7\",\"trace\":[{\"module\":\"golang.org/x/text\",\"version\":\"v0.3.5\"}]}}\n{\"finding\":{\"osv\":\"GO-2021-0113\",\"fixed_version\":\"v0.3.7\",\"trace\":[{\"module\":\"golang.org/x/text\",\"version\":\"v0.3.5\",\"package\":\"golang.org/x/text/language\"}]}}\n",
        "govulncheck json",
        &[
            "govulncheck GO-2021-0113 dependency_issue error go.mod - golang.org/x/text 0.3.5 is vulnerable: GO-2021-0113; fixed in 0.3.7 [Go]",
        ],
    );
    holds(
        "{\"type\":\"diagnostic\",\"fields\":{\"code\":\"rejected\",\"severity\":\"error\",\"message\":\"failed to satisfy license requirements\",\"graphs\":[{\"Krate\":{\"name\":\"foo\",\"version\":\"0.1.0\"}}],\"labels\":[]}}\n",
        "cargo-deny json",
        &["cargo-deny rejected dependency_issue error - - foo: failed to satisfy license requirements"],
    );
}

/// What breaks off is read as far as it goes, and the loss is said.
#[test]
fn truncated_markup() {
    let report = "<?xml version=\"1.0\"?>\n<checkstyle version=\"8.0\">\n<file name=\"A.java\">\n<error line=\"2\" column=\"3\" severity=\"error\" message=\"a &lt; b\" source=\"com.puppycrawl.tools.checkstyle.checks.UnusedImportsCheck\"/>\n<error line=\"9\" col";
    let found = read(&Output { stdout: report.as_bytes(), stderr: b"", tool: None });
    let said: Vec<_> = found.diagnostics.iter().map(|one| (one.tool.as_str(), one.rule.as_str(), one.message.as_str())).collect();
    assert_eq!(said, [("checkstyle", "UnusedImports", "a < b")]);
    assert_eq!(found.skipped, ["a Checkstyle report breaks off"]);
    let export = "---\nMainSourceFile: a.c\nDiagnostics:\n  - DiagnosticName: x\n    Diagn";
    let found = read(&Output { stdout: export.as_bytes(), stderr: b"", tool: None });
    assert_eq!((found.formats.as_slice(), found.skipped.len()), (["clang-tidy yaml"].as_slice(), 1));
}

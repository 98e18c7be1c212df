import { expect, it } from "vitest";
import { applyMutation } from "./mutation.ts";
import {
	always,
	becomes,
	before,
	never,
	type Operation,
	replace,
	returns,
	skip,
	swap,
	truthy,
	withoutCall,
	withoutElement,
	withoutOperand,
	withoutText,
} from "./operations.ts";

/** The line that is marked, once the check in it is switched off. */
function mutated(line: string, by: Operation): string {
	const [begin, end] = ["async function f() {\n", " // proven: a\n}"];
	const result = changed(`${begin}${line}${end}`, by);
	return result.slice(begin.length, -end.length);
}

function changed(source: string, by: Operation): string {
	return applyMutation(source, { id: "a", file: "a.ts", by });
}

it("skips what is marked: a condition, a statement, an operand, a member or an element", () => {
	expect(mutated("if (a && b) c();", skip)).toBe("if (false) c();");
	expect(changed("if (a) b();\nelse if (c)\n\td(); // proven: a\nelse e();", skip)).toBe(
		"if (a) b();\nelse if (false)\n\td(); // proven: a\nelse e();",
	);
	expect(mutated("a(b);", skip)).toBe(";");
	expect(changed("if (\n\ta && // proven: a\n\tb &&\n\tc\n) d();", withoutOperand(1, 3))).toBe(
		"if (\n\tb && c\n) d();",
	);
	expect(changed("a =\n\tb &&\n\tc; // proven: a", skip)).toBe("a =\n\tb; // proven: a");
	expect(changed("a = {\n\tb: 1, // proven: a\n\tc,\n};", skip)).toBe(
		"a = {\n\t // proven: a\n\tc,\n};",
	);
	expect(changed("a = [\n\tb,\n\t...c, // proven: a\n];", skip)).toBe(
		"a = [\n\tb,\n\t // proven: a\n];",
	);
	expect(changed("a(\n\tb,\n\tc // proven: a\n);", skip)).toBe("a(\n\tb // proven: a\n);");
	expect(() => mutated("for (;;) a();", withoutOperand(1, 2))).toThrow(
		"There is nothing of that kind in this ForStatement",
	);
	expect(() => changed("class A {\n\tb = 1; // proven: a\n}", skip)).not.toThrow();
});

it("takes a comment on a line of its own for what is below, and one behind `else` for what comes next", () => {
	expect(changed("a();\n// proven: a\nb();", skip)).toBe("a();\n// proven: a\n;");
	expect(changed("if (a) b();\nelse if (c) d(); // proven: a", skip)).toBe(
		"if (a) b();\nelse if (false) d(); // proven: a",
	);
	expect(changed("a =\n\tb\n\t\t? c // proven: a\n\t\t: d;", becomes("e"))).toBe(
		"a =\n\tb\n\t\t? e // proven: a\n\t\t: d;",
	);
});

it("has conditions met never or always", () => {
	expect(mutated("return a ? b : c;", never)).toBe("return false ? b : c;");
	expect(mutated("if (a || b) return;", always)).toBe("if (true) return;");
});

it("takes anything that is true", () => {
	expect(mutated("if (a === true) b();", truthy)).toBe("if (a) b();");
	expect(mutated("if ((await a()) !== true) b();", truthy)).toBe("if (!(await a())) b();");
});

it("leaves out operands, elements, calls and texts, and wants to know of how many", () => {
	expect(mutated("if (a || (b && c) || d) e();", withoutOperand(2, 3))).toBe("if (a || d) e();");
	expect(mutated("if (a || (b && c) || d) e();", withoutOperand([1, 3], 3))).toBe(
		"if ((b && c)) e();",
	);
	expect(mutated("f([a, b, c]);", withoutElement(2, 3))).toBe("f([a, c]);");
	expect(mutated("return a.b().slice(0, 1);", withoutCall("slice"))).toBe("return a.b();");
	expect(mutated('a = "b; c";', withoutText("; c"))).toBe('a = "b";');
	expect(() => mutated("if (a || b || c) d();", withoutOperand(2, 2))).toThrow(
		"There are 3 of them, not 2",
	);
	expect(() => mutated("a(b, b);", withoutText("b"))).toThrow("not there once");
});

it("has other values, results and code", () => {
	expect(mutated("if (a) return b;", returns(""))).toBe("if (a) return ;");
	expect(mutated("const a = (b) => c;", becomes("d"))).toBe("const a = (b) => d;");
	expect(mutated("for (const a of b) c();", becomes("[]"))).toBe("for (const a of []) c();");
	expect(mutated("a.b = c;", becomes("d"))).toBe("a.b = d;");
	expect(mutated("a(b, c( d ));", swap("c(d)", "e"))).toBe("a(b, e);");
	expect(mutated("a();", replace("throw b;"))).toBe("throw b;");
	expect(mutated("a();", before("b();"))).toBe("b(); a();");
	expect(() => mutated("a(b, b);", swap("b", "c"))).toThrow("not one b");
});

it("refuses a marker that is not there, there twice or at nothing, and code that does not parse", () => {
	expect(() => changed("a();", skip)).toThrow("its marker is not in a.ts");
	expect(() => changed("a(); // proven: a\nb(); // proven: a", skip)).toThrow("more than once");
	expect(() => changed("a(); // proven: b, a", skip)).not.toThrow();
	expect(() => changed("a();\n// proven: a\n", skip)).toThrow("A marker stands at no statement");
	expect(() => mutated("a();", replace("(("))).toThrow("it cannot be switched off in a.ts");
});

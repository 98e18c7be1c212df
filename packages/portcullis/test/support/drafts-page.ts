import { createElement as h, StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { createReactClient } from "../../src/react.ts";

// Bundled for a browser. A form whose values React keeps, shown to people who are signed in and to
// nobody else; beside it stands one that only the document knows.

const { PortcullisProvider, usePortcullis, useUser } = createReactClient();

function Page() {
	const user = useUser();
	const client = usePortcullis();
	// Values that are kept live: the end of the session is heard of.
	useEffect(() => {
		Object.assign(window, { portcullis: client });
		return client.subscribe("notes", () => {});
	}, [client]);
	useEffect(() => {
		document.documentElement.dataset.who = user ? user.sub : "nobody";
	}, [user]);
	return user
		? h(Controlled, { save: (text) => (client.state("notes") as unknown as Notes).write(text) })
		: h("p", null, "Nobody is here");
}

interface Notes {
	write(text: string): unknown;
}

function Controlled({ save }: { save: (text: string) => unknown }) {
	const [text, setText] = useState("");
	const [isTicked, setTicked] = useState(false);
	const [isOpen, setOpen] = useState(false);
	return h(
		"form",
		{ id: "controlled" },
		h("textarea", {
			name: "text",
			value: text,
			onChange: (event: { target: { value: string } }) => setText(event.target.value),
		}),
		h("input", {
			name: "ticked",
			type: "checkbox",
			checked: isTicked,
			onChange: (event: { target: { checked: boolean } }) => setTicked(event.target.checked),
		}),
		h("button", { type: "button", onClick: () => setOpen(true) }, "More"),
		h("button", { type: "button", onClick: () => save(text) }, "Save"),
		isOpen && h("input", { name: "more" }),
		h("output", null, `${text}/${isTicked}`),
	);
}

const root = document.getElementById("root") as HTMLElement;
createRoot(root).render(h(StrictMode, null, h(PortcullisProvider, null, h(Page))));

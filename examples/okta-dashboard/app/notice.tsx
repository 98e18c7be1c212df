import type { ReactNode } from "react";

/** A page that stands in for another one. */
export function Notice({ title, children }: { title: string; children: ReactNode }) {
	return (
		<main className="notice">
			<title>{`${title} - Dashboard`}</title>
			<h1>{title}</h1>
			<p>{children}</p>
		</main>
	);
}

import type { AuditRecord, AuthorCount } from "../shared/types.ts";
import { ClearButton } from "./clear-button.tsx";
import { useServerState } from "./portcullis.ts";

export function AdminPage() {
	const { authors, $withheld } = useServerState("notes");
	const { trail, $withheld: withheldTrail } = useServerState("audit");
	return (
		<>
			<h1>Admin</h1>
			<p className="lead">
				Only members of the group admins see this page. The table and the button behind it ask the
				same question again.
			</p>
			<section className="card section" aria-labelledby="authors">
				<h2 id="authors">Who wrote how much</h2>
				{$withheld.authors ? (
					<p className="empty">This is for admins, and you are none any more.</p>
				) : (
					<>
						<AuthorTable authors={authors} />
						<div className="actions">
							<ClearButton />
						</div>
					</>
				)}
			</section>
			<section className="card section" aria-labelledby="trail">
				<h2 id="trail">Who came and went</h2>
				{withheldTrail.trail ? (
					<p className="empty">This is for admins, and you are none any more.</p>
				) : (
					<Trail records={trail} />
				)}
			</section>
		</>
	);
}

/** As it was when the page was opened. */
function Trail({ records }: { records: readonly AuditRecord[] }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
		<section className="scrolling" aria-label="The last 100 records" tabIndex={0}>
			<table>
				<thead>
					<tr>
						<th scope="col">When</th>
						<th scope="col">Person</th>
						<th scope="col">What</th>
						<th scope="col">How it ended</th>
					</tr>
				</thead>
				<tbody>
					{records.map(({ id, at, person, action, what, outcome, reason }) => (
						<tr key={id}>
							<td>
								<time dateTime={at}>{at.slice(0, 19).replace("T", " ")}</time>
							</td>
							<td>{person ?? "nobody"}</td>
							<td>
								{words(action)} {what}
							</td>
							<td>
								{words(outcome)}
								{reason !== null && ` (${words(reason)})`}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

function words(name: string): string {
	return name.replaceAll("_", " ");
}

function AuthorTable({ authors }: { authors: readonly AuthorCount[] }) {
	if (authors.length === 0) return <p className="empty">Nobody has written anything.</p>;
	return (
		<table>
			<thead>
				<tr>
					<th scope="col">Person</th>
					<th scope="col" className="number">
						Notes
					</th>
				</tr>
			</thead>
			<tbody>
				{authors.map(({ author, notes }, index) => (
					// Two people may have the same name, and a row keeps nothing of its own.
					// biome-ignore lint/suspicious/noArrayIndexKey: see above
					<tr key={index}>
						<td>{author}</td>
						<td className="number">{notes}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

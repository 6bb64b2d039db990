import { Fragment, h, render } from "./tiny-dom.js";

const List = ({ names }) => (
  <>
    {names.map((name) => (
      <li data-name={name}>{name}</li>
    ))}
  </>
);

export default {
  fetch: (request) =>
    new Response(
      render(
        <ul>
          <List names={new URL(request.url).searchParams.getAll("name")} />
        </ul>,
      ),
      {
        headers: { "content-type": "text/html" },
      },
    ),
};

import "./style.css";
import { render } from "preact";
import { LocationProvider } from "preact-iso";
import { App } from "./app.js";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element #app");
render(
  <LocationProvider scope="/dashboard">
    <App />
  </LocationProvider>,
  root,
);

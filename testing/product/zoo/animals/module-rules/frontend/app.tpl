<app>{{name}}</app>

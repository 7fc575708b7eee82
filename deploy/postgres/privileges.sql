-- What prm_app and prm_read may do with the tables of prm_owner. Run by prm_owner in the database of the product.
GRANT USAGE ON SCHEMA public TO prm_app, prm_read;
ALTER DEFAULT PRIVILEGES FOR ROLE prm_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO prm_app;
ALTER DEFAULT PRIVILEGES FOR ROLE prm_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO prm_app;
ALTER DEFAULT PRIVILEGES FOR ROLE prm_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO prm_app;
ALTER DEFAULT PRIVILEGES FOR ROLE prm_owner IN SCHEMA public GRANT SELECT ON TABLES TO prm_read;

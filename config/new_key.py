"""`python -m config.new_key` prints a fresh key for FIELD_KEYS."""

from cryptography.fernet import Fernet

if __name__ == "__main__":
    print(Fernet.generate_key().decode())
